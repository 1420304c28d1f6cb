import Foundation
import GRDB
import Trade
